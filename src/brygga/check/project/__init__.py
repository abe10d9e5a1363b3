"""The project that `brygga connector new` starts from. Its files have $PLACEHOLDERS, and `.tmpl` at the end."""
