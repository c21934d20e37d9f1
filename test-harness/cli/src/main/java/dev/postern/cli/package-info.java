/** The {@code postern} command: its options, its exit statuses, and what it says when something is wrong. */
package dev.postern.cli;
