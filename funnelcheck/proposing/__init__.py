"""What the columns of an unknown table are: evidence column by column, and the [source.NAME] that it speaks for."""
