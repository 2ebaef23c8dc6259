"""What the site adds to Sphinx: pages made from data, links to the glossary, and care for each lesson's page."""
