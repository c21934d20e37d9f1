/** What a Xen guest asks its hypervisor for: grants, and the machine's own frame numbers. */
package dev.postern.xen;
