<?cs include:"macros.cs" ?><?cs set:Title = "证书处罚" ?><?cs def:content() ?><?cs call:error_summary() ?><h1>证书处罚</h1>
<p class="lead">由审核人员提请，由决定人员决定。提请不改变证书；决定之后立即生效，公开核验页面同时显示新的状态。</p>
<?cs if:Chosen ?><p class="note">已选定证书，请选择要办理的种类。</p>
<?cs /if ?><ul class="cards">
<?cs each:kind = Kinds ?><li><?cs if:kind.Link ?><a href="<?cs var:kind.Link ?>"><?cs var:kind.Label ?></a><?cs else ?><b><?cs var:kind.Label ?></b><?cs /if ?><p><?cs var:kind.Text ?></p>
<?cs /each ?></ul>
<h2>暂扣期满，待发还</h2>
<?cs if:?Due.0.Number ?><?cs if:Propose ?><form action="/staff/sanctions/new"><input type="hidden" name="kind" value="give_back"><?cs /if ?><table class="list data"><caption>暂扣期已经届满的证书，期满最久的在前。系统不会自动发还。</caption>
<thead><tr><?cs if:Propose ?><th scope="col"><span class="hide">选择</span><?cs /if ?><th scope="col">证书编号<th scope="col">姓名<th scope="col">企业<th scope="col">暂扣期<th scope="col">有效期至<th scope="col">暂扣事项
<tbody>
<?cs each:row = Due ?><tr><?cs if:Propose ?><td class="tick"><input type="checkbox" name="certificate" value="<?cs var:row.Id ?>" aria-label="选择 <?cs var:row.Number ?>"><?cs /if ?><th scope="row"><?cs var:row.Number ?><td class="keep" data-as="姓名"><?cs var:row.Name ?><td data-as="企业"><?cs var:row.Enterprise ?><td data-as="暂扣期"><?cs var:row.From ?> 至 <?cs var:row.Until ?><td data-as="有效期至"><?cs var:row.Ends ?><td data-as="暂扣事项"><a href="/staff/proposals/<?cs var:row.Matter ?>"><?cs var:row.Matter ?></a>
<?cs /each ?></table>
<?cs if:Propose ?><div class="actions"><button class="button">提请发还所选证书</button></div></form>
<?cs /if ?><?cs else ?><p class="empty">没有暂扣期满、尚未发还的证书。</p>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
