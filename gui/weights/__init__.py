"""Weights from files of others: the dialog and the edit."""
