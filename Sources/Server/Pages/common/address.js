// What stands after the # of the address, such as the view and what it shows, or a plan, as the service takes one in a
// query. It can be sent to others, and no server ever sees it.

export const address = {
  get members() { return new URLSearchParams(location.hash.slice(1)); },

  /** Changes some members; those that are null are left out. `isStep` makes it one that Back returns from. */
  set(changes, isStep = false) {
    const members = this.members;
    for (const [name, value] of Object.entries(changes)) {
      if (value == null) members.delete(name);
      else members.set(name, value);
    }
    // These need no escapes here, and are what step texts are made of.
    const text = members.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%3D", "=");
    if (`#${text}` === location.hash) return;
    history[isStep ? "pushState" : "replaceState"](null, "", `#${text}`);
  },
};
