"""What leaves the house: PDF, mail, chat message, evidence, tables; one module an output."""
