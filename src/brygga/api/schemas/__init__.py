"""What the operations take and give, with the member names of the published description."""
