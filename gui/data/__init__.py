"""The samples on screen: choosing, editing, importing."""
