"""Read the papers of case files: text, scans, people, harm, fault, money, payment, each with the words it rests on."""
