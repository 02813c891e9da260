"""The experiment of the paper: its steps, its files, its tables, figures and documents."""
