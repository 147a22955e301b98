"""The picture of a network: layout, primitives, paint and hit-testing."""
