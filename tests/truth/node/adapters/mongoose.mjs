// Mongoose on a server of `mongod`: commands as the driver's own monitoring tells them.
import { listening } from './mongodb.mjs';

export async function library({ note, installed, address, number }) {
  const mongoose = installed('mongoose');
  await mongoose.connect(address, { monitorCommands: true, autoIndex: false, autoCreate: false });
  listening(mongoose.connection.getClient(), note);
  return {
    async each() {
      return { given: { number } };
    },
    close: () => mongoose.disconnect(),
  };
}
