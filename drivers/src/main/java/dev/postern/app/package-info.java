/** Applications: what runs on the guest once its devices are up. */
package dev.postern.app;
