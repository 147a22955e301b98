"""The worked solution of a problem as a document, and that document as Markdown, HTML and LaTeX."""
