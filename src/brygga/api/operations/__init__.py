"""The operations, one module per group. Each module has a `router` that `api` mounts."""
