"""The program a data owner runs: reads its register, applies its policy, encodes, uploads, answers."""
