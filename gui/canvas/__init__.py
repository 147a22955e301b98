"""The picture of the network on screen: camera, pointer, motion, editing in place."""
