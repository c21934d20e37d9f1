/** Questions to the decision that a command line puts together from presets, facts files and single facts. */
package dev.postern.cli.explain;
