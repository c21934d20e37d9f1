/** Values that remember where they came from, so that a decision built on them can name its evidence. */
package dev.postern.facts;
