"""What voc is made of: licences and bill of materials of its dependencies and model weights."""
