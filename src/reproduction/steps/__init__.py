"""The verbs of the command line, one module each: files are read and written here, and nowhere else."""
