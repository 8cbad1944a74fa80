// Package attack puts the chaos program itself under attack, as a careless user, a
// hostile file, a broken server or a machine in trouble would: whatever happens, it
// ends within a bound and with the exit code of its contract, shows no false figure,
// does not panic, and leaves nothing behind. `make attack` runs all of it, `make kills`
// kills the program at random moments, and the ordinary tests are the quick part.
package attack
