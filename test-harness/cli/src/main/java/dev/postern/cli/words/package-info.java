/** Words of a command line: names that are nearly right, and sizes. */
package dev.postern.cli.words;
