"""The two system call filters: declared in `rules`, assembled by `generate`, shipped as bytes for each machine."""
