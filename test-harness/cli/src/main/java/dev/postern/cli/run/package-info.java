/** From a checked call to a guest whose applications have run. */
package dev.postern.cli.run;
