"""The demo: two ERPs full of invented companies, connected and partly imported, and a user for each language.

`loading.load` sets it up, and can be broken off and repeated: what is there stays. `data` holds its files, which
`generate` makes.
"""
