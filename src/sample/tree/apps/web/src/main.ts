import { enableProdMode } from '@angular/core';
import { platformBrowser } from '@angular/platform-browser';
import { environment } from '@env';

import { AppModule } from './app/app.module';

if (environment.production) {
  enableProdMode();
}

platformBrowser()
  .bootstrapModule(AppModule)
  .catch((error) => {
    // Nothing of the application is up yet, so neither is its error handler.
    console.error('Application could not start', error);
    document.body.textContent = 'The application could not start. Please reload the page.';
  });
