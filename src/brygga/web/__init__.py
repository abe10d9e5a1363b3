"""The screens. A view checks the right, calls a service and renders; it decides nothing else."""
