"""The shipped lessons, a folder each; `playground.catalogue` reads them, `manage.py record` makes their recordings."""
