"""What a run needs beside data: progress, redaction, shutdown, output."""
