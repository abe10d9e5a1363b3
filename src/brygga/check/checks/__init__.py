"""The checks by theme. `runner` says in which order they are run."""
