/** What a run looks like: the log for a person, the document for a program, and the progress of long work. */
package dev.postern.cli.report;
