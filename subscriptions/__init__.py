"""Who opted in, when and to which text; look-up, proof of opt-in, cancellation by support."""
