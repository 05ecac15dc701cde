"""The running contact center: configuration, edges, store, controller, command line."""

__version__ = "0.1.0"
