"""The vault at the edge: kept each night, asked by operators, old calls transcribed again."""
