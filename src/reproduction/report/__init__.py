"""What a run found: tables, statistics, claims and documents."""
