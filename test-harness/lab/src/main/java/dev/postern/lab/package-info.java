/** What tests are made of: clauses and attacks by name, machines to run on, and sabotage. */
package dev.postern.lab;
