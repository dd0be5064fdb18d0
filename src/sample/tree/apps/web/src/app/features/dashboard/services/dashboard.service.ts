import { Injectable, inject } from '@angular/core';
import { DashboardSummary } from '@core/models/api.interface';
import { ApiService } from '@core/services/api.service';
import { WebsocketService } from '@core/services/websocket.service';
import { Observable } from 'rxjs';

@Injectable({ providedIn: 'root' })
export class DashboardService {
  private readonly api = inject(ApiService);
  private readonly sockets = inject(WebsocketService);

  /** Pushed by the API whenever the numbers change. */
  readonly updates$ = this.sockets.on<DashboardSummary>('dashboard.updated');

  summary(): Observable<DashboardSummary> {
    return this.api.get<DashboardSummary>('/dashboard/summary');
  }
}
