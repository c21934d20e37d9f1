/**
 * What a Xen guest asks its hypervisor for: grants, and the machine's own frame numbers.
 *
 * <p>{@link dev.postern.xen.XenServices} sets both up. A grant is an entry in a table that the guest shares with Xen: by its number,
 * the reference, another domain may map one page, for reading or for writing too. {@link dev.postern.xen.GrantTable} is that table as
 * seen for one other domain; {@link dev.postern.xen.MachineFrames} says where the pages of a paravirtualised guest really lie. The
 * numbers are those of Xen's public headers.
 */
package dev.postern.xen;
