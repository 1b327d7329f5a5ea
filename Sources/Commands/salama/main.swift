print("salama")
