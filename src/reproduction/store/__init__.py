"""Files: whole or absent, the raw data and what runs leave."""
