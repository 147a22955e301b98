"""The control panel: layers, conventions, learning rate, and the fields it is made of."""
