"""The rules of the specification that a peer can provoke, each with the messages that provoke it."""
