<?cs include:"macros.cs" ?><?cs set:Title = "证明核验结果" ?><?cs set:NoIndex = #1 ?><?cs def:content() ?><div class="narrow"><div class="verdict"><h1><small><?cs var:Proof.Label ?>核验结果</small>证明真实</h1><p>这份<?cs var:Proof.Label ?>由本系统出具。</p></div>
<dl class="facts">
<?cs call:fact("证明", Proof.Label) ?><?cs call:fact("事项编号", Proof.Number) ?><?cs call:fact("姓名", Proof.Name) ?><?cs call:fact("企业名称", Proof.Enterprise) ?><?cs if:Proof.Province ?><?cs call:fact("转往省市", Proof.Province) ?><?cs /if ?><?cs call:fact("办理日期", Proof.Date) ?><?cs call:fact("查询时间", Proof.Asked) ?></dl>
<?cs if:?Rows.0.Number ?><table class="list data"><caption>证明所列的证书，以及查询时的状态</caption>
<thead><tr><th scope="col">证书编号<th scope="col">类别<th scope="col">当前状态
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><?cs var:row.Number ?><td data-as="类别"><?cs var:row.Class ?><td data-as="当前状态"><?cs call:state(row) ?>
<?cs /each ?></table>
<?cs /if ?><p class="note">请将以上信息与证明逐项对照。不一致的，证明不可信。</p>
<p><a href="/verify/">核验另一本证书或证明</a></p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
