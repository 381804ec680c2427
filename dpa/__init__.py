"""The data processing agreement: versions, the gate, acceptance, the executed agreement with its annexes."""
