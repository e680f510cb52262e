"""Settings, one module per place where Evergreen runs; all share `base`."""
