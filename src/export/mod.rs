//! Records out of the desk: CSV, JSON lines, XLSX.
