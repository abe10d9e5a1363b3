"""The simulator: random edits and faults around the unchanged engine, and a check of its promises after each.

A schedule is a list of steps made from a seed; running it twice does the same twice. See docs/promises.md for
what is checked, and `brygga simulate --help`.
"""
